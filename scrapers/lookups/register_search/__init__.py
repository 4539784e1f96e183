"""Who a company is in the Norwegian register: how it is asked and how it is read."""
