"""Charts: candles, series and bars over one shared time axis, drawn from numpy columns at the cost of the pixels."""
