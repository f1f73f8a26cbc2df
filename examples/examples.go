// Package examples holds ladder programs and a plant file to begin with. They
// are files to read and to try; the demo runs one of them.
package examples

import "embed"

// Files is every example program and the plant file that goes with them.
//
//go:embed *.rll plant.toml
var Files embed.FS

// WidgetReport is the program of the demo: seeds/000 section 8.
const WidgetReport = "widget-report.rll"
