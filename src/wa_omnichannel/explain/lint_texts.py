"""The sentences of the template linter: what is wrong, and below ``fix_`` what to do. Data only."""

from __future__ import annotations

from collections.abc import Mapping

LINT_SENTENCES: Mapping[str, Mapping[str, str]] = {
    # The template
    "name_characters": {
        "en": "The name {name!r} has other characters than a-z, 0-9 and the underscore.",
        "es": "El nombre {name!r} tiene caracteres distintos de a-z, 0-9 y el guion bajo.",
    },
    "fix_name_characters": {"en": "Write it like order_ready.", "es": "Escríbalo como pedido_listo."},
    "name_too_long": {
        "en": "The name has {length} characters; at most {limit} are allowed.",
        "es": "El nombre tiene {length} caracteres; se admiten {limit}.",
    },
    "fix_name_too_long": {"en": "Shorten the name.", "es": "Acorte el nombre."},
    "name_blocked": {
        "en": "The name {name!r} belonged to a deleted or rejected template and is blocked until {until}.",
        "es": "El nombre {name!r} fue de una plantilla borrada o rechazada y está bloqueado hasta {until}.",
    },
    "fix_name_blocked": {"en": "Use another name.", "es": "Use otro nombre."},
    "language_unknown": {
        "en": "The language {language} is not on WhatsApp's list.",
        "es": "El idioma {language} no está en la lista de WhatsApp.",
    },
    "fix_language_unknown": {
        "en": "Use a code of the list, such as es, es_MX or en_US.",
        "es": "Use un código de la lista, como es, es_MX o en_US.",
    },
    "language_unverified": {
        "en": "The language {language} is in use, but not on WhatsApp's list.",
        "es": "El idioma {language} se usa, pero no está en la lista de WhatsApp.",
    },
    "fix_language_unverified": {
        "en": "Submit one template in it before you rely on it.",
        "es": "Presente una plantilla en él antes de contar con él.",
    },
    "variables_differ": {
        "en": "The variables in {language} ({names}) are not those in {first} ({first_names}).",
        "es": "Las variables en {language} ({names}) no son las de {first} ({first_names}).",
    },
    "fix_variables_differ": {
        "en": "Use the same variables in every language, so that the same values fit.",
        "es": "Use las mismas variables en todos los idiomas, para que sirvan los mismos valores.",
    },
    # Its texts
    "header_too_long": {
        "en": "The header has {length} characters; at most {limit} are allowed.",
        "es": "El encabezado tiene {length} caracteres; se admiten {limit}.",
    },
    "fix_header_too_long": {"en": "Shorten the header.", "es": "Acorte el encabezado."},
    "header_variables": {
        "en": "The header has {found} variables; one is allowed.",
        "es": "El encabezado tiene {found} variables; se admite una.",
    },
    "fix_header_variables": {"en": "Move the others to the body.", "es": "Pase las demás al cuerpo."},
    "header_newline": {"en": "The header has a line break.", "es": "El encabezado tiene un salto de línea."},
    "fix_header_newline": {"en": "Write it on one line.", "es": "Escríbalo en una línea."},
    "header_emoji": {"en": "The header has an emoji.", "es": "El encabezado tiene un emoji."},
    "fix_header_emoji": {"en": "Move it to the body.", "es": "Páselo al cuerpo."},
    "footer_too_long": {
        "en": "The footer has {length} characters; at most {limit} are allowed.",
        "es": "El pie tiene {length} caracteres; se admiten {limit}.",
    },
    "fix_footer_too_long": {"en": "Shorten the footer.", "es": "Acorte el pie."},
    "footer_variable": {
        "en": "The footer has the variable {variable}; a footer has none.",
        "es": "El pie tiene la variable {variable}; un pie no lleva variables.",
    },
    "fix_footer_variable": {"en": "Move it to the body.", "es": "Pásela al cuerpo."},
    "footer_newline": {"en": "The footer has a line break.", "es": "El pie tiene un salto de línea."},
    "fix_footer_newline": {"en": "Write it on one line.", "es": "Escríbalo en una línea."},
    "footer_emoji": {"en": "The footer has an emoji.", "es": "El pie tiene un emoji."},
    "fix_footer_emoji": {"en": "Move it to the body.", "es": "Páselo al cuerpo."},
    "body_too_long": {
        "en": "The body has {length} characters; at most {limit} are allowed.",
        "es": "El cuerpo tiene {length} caracteres; se admiten {limit}.",
    },
    "fix_body_too_long": {"en": "Shorten the body.", "es": "Acorte el cuerpo."},
    "body_filled_too_long": {
        "en": "With its samples the body has {length} characters; at most {limit} can be sent.",
        "es": "Con sus ejemplos el cuerpo tiene {length} caracteres; se pueden enviar {limit}.",
    },
    "fix_body_filled_too_long": {
        "en": "Shorten the body, or expect shorter values.",
        "es": "Acorte el cuerpo o prevea valores más cortos.",
    },
    "body_emojis": {
        "en": "The body has {found} emojis; at most {limit} are allowed.",
        "es": "El cuerpo tiene {found} emojis; se admiten {limit}.",
    },
    "fix_body_emojis": {"en": "Leave some of them out.", "es": "Quite algunos."},
    # Its variables
    "variable_malformed": {
        "en": "{written!r} looks like a variable but is none.",
        "es": "{written!r} parece una variable, pero no lo es.",
    },
    "fix_variable_malformed": {
        "en": "Write two braces around a number or a name of at most 16 letters, digits and underscores.",
        "es": "Escriba dos llaves alrededor de un número o un nombre de hasta 16 letras, cifras y guiones bajos.",
    },
    "variable_at_start": {
        "en": "The body begins with the variable {variable}.",
        "es": "El cuerpo empieza con la variable {variable}.",
    },
    "fix_variable_at_start": {"en": "Put words before it.", "es": "Ponga palabras delante."},
    "variable_at_end": {
        "en": "The body ends with the variable {variable}.",
        "es": "El cuerpo termina con la variable {variable}.",
    },
    "fix_variable_at_end": {"en": "Put words after it.", "es": "Ponga palabras detrás."},
    "variable_near_edge": {
        "en": "Only {between!r} stands between the variable {variable} and the edge of the body.",
        "es": "Entre la variable {variable} y el borde del cuerpo solo está {between!r}.",
    },
    "fix_variable_near_edge": {
        "en": "Put words there: punctuation alone is often rejected.",
        "es": "Ponga palabras: la puntuación sola se rechaza a menudo.",
    },
    "variables_adjacent": {
        "en": "No word stands between the variables {left} and {right}.",
        "es": "No hay ninguna palabra entre las variables {left} y {right}.",
    },
    "fix_variables_adjacent": {
        "en": "Put words between them, or make them one variable.",
        "es": "Ponga palabras entre ellas o haga de ellas una sola variable.",
    },
    "variables_not_sequential": {
        "en": "The variables are {names}; they have to run from 1 without a gap.",
        "es": "Las variables son {names}; tienen que ir desde 1 sin saltos.",
    },
    "fix_variables_not_sequential": {"en": "Number them anew.", "es": "Numérelas de nuevo."},
    "variables_mixed": {
        "en": "Some variables have names and others numbers: {names}.",
        "es": "Unas variables tienen nombre y otras número: {names}.",
    },
    "fix_variables_mixed": {
        "en": "Use numbers throughout, or names throughout.",
        "es": "Use solo números o solo nombres.",
    },
    "variables_too_many": {
        "en": "There are {found} variables; at most {limit} are allowed.",
        "es": "Hay {found} variables; se admiten {limit}.",
    },
    "fix_variables_too_many": {"en": "Use fewer of them.", "es": "Use menos."},
    "words_too_few": {
        "en": "The body has {found} words beside its {variables} variables; at least {needed} are needed.",
        "es": "El cuerpo tiene {found} palabras aparte de sus {variables} variables; hacen falta {needed}.",
    },
    "fix_words_too_few": {
        "en": "Say more, or use fewer variables.",
        "es": "Añada texto o use menos variables.",
    },
    "sample_missing": {
        "en": "The variable {variable} has no sample; nothing is approved without.",
        "es": "La variable {variable} no tiene ejemplo; sin él no se aprueba nada.",
    },
    "fix_sample_missing": {
        "en": "Give a typical value that is no real person's.",
        "es": "Dé un valor típico que no sea de una persona real.",
    },
    "sample_unusable": {
        "en": "The sample of the variable {variable} is blank, or has a line break, a tab or more than four spaces.",
        "es": "El ejemplo de la variable {variable} está en blanco, o tiene un salto de línea, un tabulador o más de "
        "cuatro espacios.",
    },
    "fix_sample_unusable": {"en": "Write it on one line.", "es": "Escríbalo en una línea."},
    "sample_too_long": {
        "en": "The sample of the variable {variable} has {length} characters; at most {limit} are allowed.",
        "es": "El ejemplo de la variable {variable} tiene {length} caracteres; se admiten {limit}.",
    },
    "fix_sample_too_long": {"en": "Shorten it.", "es": "Acórtelo."},
    "sample_long": {
        "en": "The sample of the variable {variable} has {length} characters; below {limit} is advised.",
        "es": "El ejemplo de la variable {variable} tiene {length} caracteres; se aconsejan menos de {limit}.",
    },
    "fix_sample_long": {
        "en": "Write fixed words into the body, not into the value.",
        "es": "Escriba las palabras fijas en el cuerpo, no en el valor.",
    },
    "sample_unused": {
        "en": "The variable {variable} is declared, but no text uses it.",
        "es": "La variable {variable} está declarada, pero ningún texto la usa.",
    },
    "fix_sample_unused": {"en": "Remove it, or use it.", "es": "Quítela o úsela."},
    "sample_personal": {
        "en": "The sample of the variable {variable} looks like personal data.",
        "es": "El ejemplo de la variable {variable} parece un dato personal.",
    },
    "fix_sample_personal": {
        "en": "Use an invented value: the provider stores it.",
        "es": "Use un valor inventado: el proveedor lo guarda.",
    },
    # Its buttons and files
    "button_label_missing": {"en": "The button has no label.", "es": "El botón no tiene texto."},
    "fix_button_label_missing": {"en": "Give it a label.", "es": "Póngale un texto."},
    "button_label_too_long": {
        "en": "The label {label!r} has {length} characters; at most {limit} are allowed.",
        "es": "El texto {label!r} tiene {length} caracteres; se admiten {limit}.",
    },
    "fix_button_label_too_long": {"en": "Shorten the label.", "es": "Acorte el texto."},
    "buttons_too_many": {
        "en": "There are {found} buttons; at most {limit} are allowed.",
        "es": "Hay {found} botones; se admiten {limit}.",
    },
    "fix_buttons_too_many": {"en": "Remove some, or send a list.", "es": "Quite algunos o envíe una lista."},
    "buttons_need_approval": {
        "en": "With {found} buttons it cannot be sent before it is approved; up to {limit} can.",
        "es": "Con {found} botones no se puede enviar antes de la aprobación; con {limit} sí.",
    },
    "fix_buttons_need_approval": {
        "en": "Nothing to do if it will be approved.",
        "es": "No haga nada si se va a aprobar.",
    },
    "button_not_in_kind": {
        "en": "A {content} cannot have a button of the kind {kind}.",
        "es": "Un {content} no puede tener un botón de tipo {kind}.",
    },
    "fix_button_not_in_kind": {
        "en": "Use another content type, such as whatsapp/card.",
        "es": "Use otro tipo de contenido, como whatsapp/card.",
    },
    "url_invalid": {"en": "{url!r} is no web address.", "es": "{url!r} no es una dirección web."},
    "fix_url_invalid": {
        "en": "Write it in full, such as https://example.com/orders.",
        "es": "Escríbala completa, como https://example.com/pedidos.",
    },
    "url_too_long": {
        "en": "The address has {length} characters; at most {limit} are allowed.",
        "es": "La dirección tiene {length} caracteres; se admiten {limit}.",
    },
    "fix_url_too_long": {"en": "Shorten the address.", "es": "Acorte la dirección."},
    "url_variable": {
        "en": "The variable {variable} stands in the domain of the address.",
        "es": "La variable {variable} está en el dominio de la dirección.",
    },
    "fix_url_variable": {
        "en": "Put it after the slash behind the domain.",
        "es": "Póngala después de la barra que sigue al dominio.",
    },
    "phone_invalid": {"en": "{phone!r} is no phone number.", "es": "{phone!r} no es un número de teléfono."},
    "fix_phone_invalid": {"en": "Write it like +14155550100.", "es": "Escríbalo como +14155550100."},
    "phone_too_long": {
        "en": "The phone number has {length} characters; at most {limit} are allowed.",
        "es": "El teléfono tiene {length} caracteres; se admiten {limit}.",
    },
    "fix_phone_too_long": {"en": "Write it without blanks.", "es": "Escríbalo sin espacios."},
    "media_several": {"en": "There is more than one file.", "es": "Hay más de un archivo."},
    "fix_media_several": {"en": "A message carries one file.", "es": "Un mensaje lleva un solo archivo."},
    # Its kind
    "kind_unknown": {
        "en": "There is no content type {kind!r}.",
        "es": "No existe el tipo de contenido {kind!r}.",
    },
    "fix_kind_unknown": {"en": "Use one of: {known}.", "es": "Use uno de: {known}."},
    "kind_not_on_whatsapp": {
        "en": "WhatsApp does not carry {kind}.",
        "es": "WhatsApp no admite {kind}.",
    },
    "fix_kind_not_on_whatsapp": {
        "en": "Use another content type, such as twilio/text.",
        "es": "Use otro tipo de contenido, como twilio/text.",
    },
    "kind_session_only": {
        "en": "WhatsApp never approves {kind}: it can be sent only while the 24-hour window is open.",
        "es": "WhatsApp nunca aprueba {kind}: solo se puede enviar con la ventana de 24 horas abierta.",
    },
    "fix_kind_session_only": {
        "en": "Nothing to do, unless it has to start a conversation.",
        "es": "No haga nada, salvo que deba iniciar una conversación.",
    },
    "field_missing": {"en": "A {kind} needs the field {field!r}.", "es": "Un {kind} necesita el campo {field!r}."},
    "fix_field_missing": {"en": "Give the field a value.", "es": "Dé un valor al campo."},
    "field_not_in_kind": {
        "en": "A {kind} has no {field}.",
        "es": "Un {kind} no tiene el campo {field}.",
    },
    "fix_field_not_in_kind": {
        "en": "Remove it, or use a content type that has it.",
        "es": "Quítelo o use un tipo de contenido que lo tenga.",
    },
    "field_unknown": {
        "en": "The field {field!r} is not known in a {kind}.",
        "es": "El campo {field!r} no se conoce en un {kind}.",
    },
    "fix_field_unknown": {"en": "Check its spelling.", "es": "Compruebe cómo está escrito."},
    "list_items": {
        "en": "The list has {found} items; it needs 1 to {limit}.",
        "es": "La lista tiene {found} elementos; necesita de 1 a {limit}.",
    },
    "fix_list_items": {"en": "Split the list in two.", "es": "Divida la lista en dos."},
    "list_item_too_long": {
        "en": "The {field} has {length} characters; at most {limit} are allowed.",
        "es": "El campo {field} tiene {length} caracteres; se admiten {limit}.",
    },
    "fix_list_item_too_long": {"en": "Shorten it.", "es": "Acórtelo."},
    "card_incomplete": {
        "en": "The card lacks one of: {missing}.",
        "es": "A la tarjeta le falta alguno de: {missing}.",
    },
    "fix_card_incomplete": {"en": "Complete the card.", "es": "Complete la tarjeta."},
    # Its category
    "category_promotional": {
        "en": "{words!r} in a template of the category {category}: WhatsApp may make it marketing.",
        "es": "{words!r} en una plantilla de la categoría {category}: WhatsApp puede pasarla a marketing.",
    },
    "fix_category_promotional": {
        "en": "Leave the offer out, or ask for the category marketing.",
        "es": "Quite la oferta o pida la categoría marketing.",
    },
    "category_code": {
        "en": "{words!r} in a template of the category {category}: WhatsApp takes codes as authentication.",
        "es": "{words!r} en una plantilla de la categoría {category}: WhatsApp trata los códigos como autenticación.",
    },
    "fix_category_code": {
        "en": "Use the category authentication with the content type whatsapp/authentication.",
        "es": "Use la categoría authentication con el tipo de contenido whatsapp/authentication.",
    },
    "category_kind": {
        "en": "The category {category} does not go with the content type {kind}.",
        "es": "La categoría {category} no va con el tipo de contenido {kind}.",
    },
    "fix_category_kind": {
        "en": "The category authentication and the content type whatsapp/authentication belong together.",
        "es": "La categoría authentication y el tipo de contenido whatsapp/authentication van juntos.",
    },
    # The account
    "account_full": {
        "en": "The account would have {found} templates; {limit} are allowed, each language counted.",
        "es": "La cuenta tendría {found} plantillas; se admiten {limit}, contando cada idioma.",
    },
    "fix_account_full": {
        "en": "Delete templates that nobody uses, or have the business verified.",
        "es": "Borre las que nadie usa o verifique la empresa.",
    },
    "account_hourly": {
        "en": "{found} templates would be created within an hour; {limit} are allowed.",
        "es": "Se crearían {found} plantillas en una hora; se admiten {limit}.",
    },
    "fix_account_hourly": {"en": "Create the rest an hour later.", "es": "Cree el resto una hora después."},
    # The file
    "file_unreadable": {"en": "The file cannot be read: {problem}.", "es": "El archivo no se puede leer: {problem}."},
    "fix_file_unreadable": {
        "en": "Check its name, its permissions and that it is UTF-8.",
        "es": "Compruebe su nombre, sus permisos y que esté en UTF-8.",
    },
    "file_syntax": {"en": "The file is not well formed: {problem}.", "es": "El archivo está mal formado: {problem}."},
    "fix_file_syntax": {
        "en": "Mend the file at this place; in YAML write texts with braces or colons in quotes.",
        "es": "Corrija el archivo en este lugar; en YAML escriba entre comillas los textos con llaves o dos puntos.",
    },
    "file_shape": {
        "en": "The file has no list of templates.",
        "es": "El archivo no tiene una lista de plantillas.",
    },
    "fix_file_shape": {
        "en": "Begin it with the key templates, and a list of templates below it.",
        "es": "Empiécelo con la clave templates y debajo una lista de plantillas.",
    },
    "file_alias": {
        "en": "The file uses a YAML alias, which is not supported.",
        "es": "El archivo usa un alias de YAML, que no se admite.",
    },
    "fix_file_alias": {"en": "Write the value out.", "es": "Escriba el valor completo."},
    "file_value": {"en": "The value cannot be used: {problem}.", "es": "El valor no se puede usar: {problem}."},
    "fix_file_value": {"en": "{advice}.", "es": "{advice}."},
    "file_field_missing": {"en": "The field {field!r} is missing.", "es": "Falta el campo {field!r}."},
    "fix_file_field_missing": {"en": "Add it.", "es": "Añádalo."},
    "file_field_unknown": {"en": "There is no field {field!r} here.", "es": "Aquí no existe el campo {field!r}."},
    "fix_file_field_unknown": {
        "en": "Remove it, or check its spelling.",
        "es": "Quítelo o compruebe cómo está escrito.",
    },
    "file_not_text": {"en": "The field {field!r} is no text.", "es": "El campo {field!r} no es un texto."},
    "fix_file_not_text": {"en": "Write the value in quotes.", "es": "Escriba el valor entre comillas."},
    "file_choice": {
        "en": "The field {field!r} has none of its possible values.",
        "es": "El campo {field!r} no tiene ninguno de sus valores posibles.",
    },
    "fix_file_choice": {"en": "{advice}.", "es": "{advice}."},
    "file_duplicate": {"en": "{name!r} is given twice.", "es": "{name!r} aparece dos veces."},
    "fix_file_duplicate": {"en": "Remove or rename one of them.", "es": "Quite uno de ellos o cámbiele el nombre."},
    "file_approval": {
        "en": "Approval is never taken from a file.",
        "es": "La aprobación nunca se toma de un archivo.",
    },
    "fix_file_approval": {
        "en": "Remove the line: approval is read from the provider.",
        "es": "Quite la línea: la aprobación se lee del proveedor.",
    },
}
"""Every code of the linter with its texts, and the fix of each."""
