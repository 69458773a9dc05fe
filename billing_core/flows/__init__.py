"""One file per verb: the only place where transactions begin. Never a screen."""
