"""The shell's own pages: home, jobs, snapshots, the audit trail, all records, the API's reference."""
