// Verifies a log folder that this software wrote with code that is none of ours: golang.org/x/mod/sumdb/note and
// sumdb/tlog, the client side of Go's checksum database. Usage: verify FOLDER VKEY. Prints the size, exits 0 or 1.
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func fail(err error, where string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", where, err)
		os.Exit(1)
	}
}

// folder reads tiles as C2SP tlog-tiles names them: Go says tile/8/0/…, the specification tile/0/….
type folder string

func (f folder) path(t tlog.Tile) string {
	return filepath.Join(string(f), strings.Replace(t.Path(), "tile/8/", "tile/", 1))
}
func (f folder) Height() int                                { return height }
func (f folder) SaveTiles(tiles []tlog.Tile, data [][]byte) {}
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		data, err := os.ReadFile(f.path(t))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

// head opens the checkpoint under the log's key and reads its three lines.
func head(dir, vkey string) tlog.Tree {
	verifier, err := note.NewVerifier(vkey)
	fail(err, "vkey")
	msg, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	fail(err, "checkpoint")
	opened, err := note.Open(msg, note.VerifierList(verifier))
	fail(err, "checkpoint")
	origin, rest, _ := strings.Cut(opened.Text, "\n")
	if origin != verifier.Name() {
		fail(fmt.Errorf("origin is not the key's name"), "checkpoint")
	}
	// Go's own database writes a fixed first line where C2SP tlog-checkpoint has the origin; the rest is the same.
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + rest))
	fail(err, "checkpoint")
	return tree
}

// nodes are the hashes of a tree, numbered as Go numbers them.
type nodes []tlog.Hash

func (n nodes) ReadHashes(indexes []int64) (list []tlog.Hash, err error) {
	for _, index := range indexes {
		list = append(list, n[index])
	}
	return list, nil
}

// entries hashes every entry and keeps the tree's nodes as Go stores them.
func entries(dir string, size int64) nodes {
	var stored nodes
	for first := int64(0); first < size; first += 256 {
		width := int64(256)
		if size-first < width {
			width = size - first
		}
		tile := tlog.Tile{H: height, L: 0, N: first / 256, W: int(width)}
		path := filepath.Join(dir, strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1))
		bundle, err := os.ReadFile(path)
		fail(err, "entries")
		for i := int64(0); i < width; i++ {
			n := int(binary.BigEndian.Uint16(bundle))
			hashes, err := tlog.StoredHashes(first+i, bundle[2:2+n], stored)
			fail(err, path)
			stored = append(stored, hashes...)
			bundle = bundle[2+n:]
		}
	}
	return stored
}

func main() {
	dir, tree := os.Args[1], head(os.Args[1], os.Args[2])
	stored := entries(dir, tree.N)
	root, err := tlog.TreeHash(tree.N, stored)
	fail(err, "root")
	if root != tree.Hash {
		fail(fmt.Errorf("is not what the entries give"), "root")
	}
	for _, tile := range tlog.NewTiles(height, 0, tree.N) {
		// Go lists every width a partial tile may have had; a log keeps those of its checkpoints.
		if tile.W < 256 && int64(tile.W) != tree.N>>(height*tile.L)&255 {
			continue
		}
		expected, err := tlog.ReadTileData(tile, stored)
		fail(err, tile.Path())
		data, err := os.ReadFile(folder(dir).path(tile))
		fail(err, tile.Path())
		if !bytes.Equal(data, expected) {
			fail(fmt.Errorf("is not what the entries give"), tile.Path())
		}
	}
	tiles := tlog.TileHashReader(tree, folder(dir))
	for at := int64(0); at < tree.N; at += 1 + tree.N/37 {
		proof, err := tlog.ProveRecord(tree.N, at, tiles)
		fail(err, "inclusion")
		fail(tlog.CheckRecord(proof, tree.N, tree.Hash, at, stored[tlog.StoredHashIndex(0, at)]), "inclusion")
		older, err := tlog.TreeHash(at+1, tiles)
		fail(err, "older root")
		consistent, err := tlog.ProveTree(tree.N, at+1, tiles)
		fail(err, "consistency")
		fail(tlog.CheckTree(consistent, tree.N, tree.Hash, at+1, older), "consistency")
	}
	fmt.Println(tree.N)
}
