"""What lies in the landing folder. Read ``scan.py`` first: which deliveries are new, wait or came back changed; then ``manifest.py``."""
