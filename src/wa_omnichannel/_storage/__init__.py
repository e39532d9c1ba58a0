"""What stores have in common: how rows become text, which columns queries need, migrations, batches."""
