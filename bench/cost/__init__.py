"""What a month of Loket costs at AWS: the real code is played, what it asks is counted, a price list does the rest."""
