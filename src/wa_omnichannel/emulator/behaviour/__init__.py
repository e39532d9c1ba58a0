"""How the platform behaves: statuses, webhooks, files, reviews and limits."""
