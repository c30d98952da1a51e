"""The data dictionary in Chinese, drawn from the models' headers and the code lists: never written by hand, in three forms."""
