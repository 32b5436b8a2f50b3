"""`doctor`: everything checked live, one line each."""
