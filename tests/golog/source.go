package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// reader reads one of a log's resources, by its path below the log's address.
type reader func(path string) ([]byte, error)

// source reads from a folder, or from an address that begins with http.
func source(place string) reader {
	if !strings.HasPrefix(place, "http://") && !strings.HasPrefix(place, "https://") {
		return func(path string) ([]byte, error) {
			return os.ReadFile(filepath.Join(place, filepath.FromSlash(path)))
		}
	}
	client := &http.Client{Timeout: 30 * time.Second}
	return func(path string) ([]byte, error) {
		address := strings.TrimSuffix(place, "/") + "/" + path
		answer, err := client.Get(address)
		if err != nil {
			return nil, err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s: %s", address, answer.Status)
		}
		return io.ReadAll(io.LimitReader(answer.Body, 1<<25))
	}
}

// tilePath is the path of a tile in C2SP tlog-tiles. Go's has the height in it, and "data" for
// the entries.
func tilePath(tile tlog.Tile) string {
	path := strings.TrimPrefix(tile.Path(), "tile/8/")
	if entries := strings.TrimPrefix(path, "data/"); entries != path {
		return "tile/entries/" + entries
	}
	return "tile/" + path
}

// tilesOf are the tiles of a tree of that size, by the formula of C2SP tlog-tiles: floor(s / 256^L)
// hashes at level L. (Go's NewTiles of that age has every narrower partial tile as well.)
func tilesOf(size int64) []tlog.Tile {
	var tiles []tlog.Tile
	for level := 0; size > 0; level++ {
		for n := int64(0); n < size/256; n++ {
			tiles = append(tiles, tlog.Tile{H: 8, L: level, N: n, W: 256})
		}
		if size%256 > 0 {
			tiles = append(tiles, tlog.Tile{H: 8, L: level, N: size / 256, W: int(size % 256)})
		}
		size /= 256
	}
	return tiles
}

// tileReader reads tiles for Go's TileHashReader.
type tileReader struct {
	read  reader
	cache map[tlog.Tile][]byte
}

func (r *tileReader) Height() int { return 8 }

func (r *tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	contents := make([][]byte, len(tiles))
	for i, tile := range tiles {
		if content, ok := r.cache[tile]; ok {
			contents[i] = content
			continue
		}
		content, err := r.read(tilePath(tile))
		if err != nil {
			return nil, err
		}
		contents[i] = content
	}
	return contents, nil
}

// SaveTiles keeps what Go has authenticated against the root.
func (r *tileReader) SaveTiles(tiles []tlog.Tile, contents [][]byte) {
	for i, tile := range tiles {
		r.cache[tile] = contents[i]
	}
}

// line reads a file of one line.
func line(file string) (string, error) {
	content, err := os.ReadFile(file)
	return strings.TrimSuffix(string(content), "\n"), err
}
