"""The sentences about the provider: signatures and set-up, in English and Spanish."""

from __future__ import annotations

from collections.abc import Mapping

PROVIDER: Mapping[str, Mapping[str, str]] = {
    # Set-up
    "setup_step": {
        "en": "{place}: {setting} from {before} to {after}.",
        "es": "{place}: {setting} de {before} a {after}.",
    },
    "setup_no_sender": {
        "en": "{number} is no WhatsApp sender of this account: add it in the provider's console first.",
        "es": "{number} no es un remitente de WhatsApp de esta cuenta: añádalo antes en la consola del proveedor.",
    },
    "setup_offline": {
        "en": "{number} is {status}, so it neither sends nor receives: {reasons}.",
        "es": "{number} está en {status}, así que ni envía ni recibe: {reasons}.",
    },
    "setup_low_quality": {
        "en": "The quality of {number} is {quality}: customers block or report its messages, and its limit may drop.",
        "es": "La calidad de {number} es {quality}: los clientes bloquean o denuncian sus mensajes y su límite puede "
        "bajar.",
    },
    "setup_ready": {
        "en": "Everything is set up.",
        "es": "Todo está configurado.",
    },
    "setup_limit": {
        "en": "{number} is {status}, its quality is {quality}, its limit {tier}.",
        "es": "{number} está en {status}, su calidad es {quality} y su límite {tier}.",
    },
    # Signatures
    "signature_fits": {
        "en": "The signature fits {url}.",
        "es": "La firma corresponde a {url}.",
    },
    "signature_missing": {
        "en": "There is no X-Twilio-Signature header: the provider did not send this, or a proxy drops the header.",
        "es": "No hay cabecera X-Twilio-Signature: no lo envió el proveedor, o un proxy quita la cabecera.",
    },
    "signature_form": {
        "en": "The parameters cannot be read ({problem}), so nothing can be checked.",
        "es": "No se pueden leer los parámetros ({problem}), así que no se puede comprobar nada.",
    },
    "signature_body_changed": {
        "en": "The body does not have the hash that was signed: something on the way rewrites it.",
        "es": "El cuerpo no tiene el hash que se firmó: algo lo reescribe por el camino.",
    },
    "signature_scheme": {
        "en": "It would match with {scheme}: public_url is {configured}, but the provider calls {scheme}://.",
        "es": "Coincidiría con {scheme}: public_url es {configured}, pero el proveedor llama a {scheme}://.",
    },
    "signature_host": {
        "en": "It would match with the host {host}, which a header names: public_url is {configured}.",
        "es": "Coincidiría con el host {host}, que nombra una cabecera: public_url es {configured}.",
    },
    "signature_other_url": {
        "en": "It would match with the public address at {host}: public_url is {configured}.",
        "es": "Coincidiría con la dirección pública de {host}: public_url es {configured}.",
    },
    "signature_path": {
        "en": "It would match with the path {path}: a proxy or a mount point changes it; public_url is {configured}.",
        "es": "Coincidiría con la ruta {path}: un proxy o un punto de montaje la cambia, y public_url es {configured}.",
    },
    "signature_query": {
        "en": "It would match with the query {query!r}: something on the way drops, sorts or rewrites it.",
        "es": "Coincidiría con la consulta {query!r}: algo la quita, la ordena o la reescribe por el camino.",
    },
    "signature_lines": {
        "en": "It would match with other line ends in the parameters: something on the way rewrites them.",
        "es": "Coincidiría con otros finales de línea en los parámetros: algo los reescribe por el camino.",
    },
    "signature_body_unsigned": {
        "en": "It would match without a body: the provider signed the address alone, or the body was added later.",
        "es": "Coincidiría sin cuerpo: el proveedor firmó solo la dirección, o el cuerpo se añadió después.",
    },
    "signature_key": {
        "en": "It would match with the secret {key!r}, but the request names another key or algorithm.",
        "es": "Coincidiría con el secreto {key!r}, pero la petición nombra otra clave u otro algoritmo.",
    },
    "signature_other_account": {
        "en": "The webhook is of account {account}, and secrets are configured for {configured}.",
        "es": "El webhook es de la cuenta {account}, y hay secretos configurados para {configured}.",
    },
    "signature_secret_or_body": {
        "en": "No address that was tried fits: the token is not that of the account (the primary one signs), or "
        "something on the way rewrites the body. Checked against {configured}.",
        "es": "No encaja ninguna dirección de las probadas: el token no es el de la cuenta (firma el principal), o "
        "algo reescribe el cuerpo por el camino. Se comprobó con {configured}.",
    },
}
"""By code, a text per language."""
