"""What all operator screens share, and the command line. Never SQL, never a rule."""
