"""Files an office keeps: requests, lessons, rosters, unit lists; and the tables it exports."""
