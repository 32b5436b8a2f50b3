"""House, meter, cloud, charger and car around any controller, one second a step, in virtual time."""
