"""The closed-loop benchmark: house, meter, cloud and car in virtual time, and every controller of the field."""
