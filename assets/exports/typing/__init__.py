"""Text → typed values and refused rows. Read ``rows.py`` first, then ``values.py``; ``reasons.py`` lists why a row is refused."""
