"""The asyncio side without any vendor: loop, slots, supervisor, systemd."""
