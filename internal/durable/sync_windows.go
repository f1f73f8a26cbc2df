package durable

// SyncDir does nothing: Windows flushes names with the files and has no way to
// flush a directory.
func (OS) SyncDir(string) error { return nil }
