"""What people are sent: text, HTML, JSON, tables and feeds."""
