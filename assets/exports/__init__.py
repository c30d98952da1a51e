"""Landing → lake: finding complete deliveries, reading and typing their files, pseudonyms, quarantine, accounting.

What a feed looks like is the platform's contract; what is counted from the lake is the warehouse's.
"""
