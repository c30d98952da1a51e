"""Facts and copy → the composed text: which sentences, in which words. No format is known here."""
