"""What the settings say about distributing work; :mod:`wa_omnichannel.assignment` has the public names."""
