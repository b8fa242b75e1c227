"""Results of earlier runs, in the user's cache folder."""
