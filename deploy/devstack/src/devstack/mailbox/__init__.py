"""A page that shows the e-mails in a folder."""
