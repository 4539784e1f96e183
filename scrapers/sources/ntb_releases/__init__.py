"""Press rooms of NTB Kommunikasjon and its sisters."""
