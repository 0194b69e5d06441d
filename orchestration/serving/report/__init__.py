"""The pages of a company: one HTML file that opens from disk, made from the company's own copy."""
