"""What lies before and after the dose, over the trends: Prepare and Close, each in steps that can be left."""
