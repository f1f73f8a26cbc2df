package app

import (
	"github.com/rungmail/rungmail/internal/conv"
	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/plant"
)

// ecom is one running module as its servers see it.
type ecom struct {
	plant  plant.Module
	runner *runner
	store  *settings.Store
	hub    conv.Hub // its conversations alone
}

// newECOM opens what a module keeps.
func (a *App) newECOM(r *runner, m plant.Module) (*ecom, error) {
	initial, err := Email(m.Email)
	if err != nil {
		return nil, err
	}
	store, err := settings.OpenStore(a.options.Disk, romFolder(a.state, r.plant, m), initial, Factory(m))
	if err != nil {
		return nil, err
	}
	return &ecom{plant: m, runner: r, store: store}, nil
}
