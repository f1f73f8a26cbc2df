// Package house holds the import directions of the project by a test: arrows run
// down only, as docs/architecture.md says.
package house
