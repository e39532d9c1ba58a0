"""The engine of a WhatsApp customer-service channel."""
