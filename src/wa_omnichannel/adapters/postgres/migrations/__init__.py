"""The schema's steps, one numbered file each."""
