"""The REST API: resources, validation, paging and the document that describes them."""
