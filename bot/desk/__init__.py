"""The agent desk: zones and the queue, handing over and back, accounts of staff, the desk's API and live events."""
