"""The folder `user` is what a user has in an environment of their own; test_wheel_only runs it there."""

collect_ignore = ["user"]
