"""Tables of frozen rows: one model, and the delegates that draw cells."""
