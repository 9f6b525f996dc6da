"""The main job told as a story: people book, pay and get their confirmations from the system that runs here."""
