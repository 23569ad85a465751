// SPDX-License-Identifier: Apache-2.0

// Reads a log of ours with software that we did not write: Go's sumdb/note opens the checkpoint, sumdb/tlog reads the
// tiles and proves inclusion and consistency.
//
//	tlogread URL VKEY [OLD-CHECKPOINT-FILE]
//
// checks every leaf of every bundle against the tree that the checkpoint signs, and that the tree of the old checkpoint
// is a beginning of it. Prints the number of leaves; anything that does not hold ends it with status 1.
package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func fail(format string, args ...interface{}) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}

func fetch(url string) ([]byte, error) {
	answer, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

// C2SP names have no height in them, and "entries" where Go says "data".
func tilePath(t tlog.Tile) string {
	path := t.Path()
	path = strings.Replace(path, fmt.Sprintf("tile/%d/data/", height), "tile/entries/", 1)
	return strings.Replace(path, fmt.Sprintf("tile/%d/", height), "tile/", 1)
}

type tileReader struct{ url string }

func (r tileReader) Height() int                                { return height }
func (r tileReader) SaveTiles(tiles []tlog.Tile, data [][]byte) {}
func (r tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		data, err := fetch(r.url + "/" + tilePath(t))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

// The third line is the root; the note's signature has been checked by then.
func openCheckpoint(text []byte, verifier note.Verifier) tlog.Tree {
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		fail("checkpoint: %v", err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		fail("checkpoint: not origin, size and root: %q", opened.Text)
	}
	var tree tlog.Tree
	if _, err := fmt.Sscanf(lines[1], "%d", &tree.N); err != nil {
		fail("checkpoint: size: %v", err)
	}
	if tree.Hash, err = tlog.ParseHash(lines[2]); err != nil {
		fail("checkpoint: root: %v", err)
	}
	return tree
}

func checkLeaves(url string, tree tlog.Tree) {
	hashes := tlog.TileHashReader(tree, tileReader{url})
	for n := int64(0); n*256 < tree.N; n++ {
		width := tree.N - n*256
		if width > 256 {
			width = 256
		}
		bundle, err := fetch(url + "/" + tilePath(tlog.Tile{H: height, L: -1, N: n, W: int(width)}))
		if err != nil {
			fail("bundle: %v", err)
		}
		for i := int64(0); i < width; i++ {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				fail("bundle %d is cut short", n)
			}
			size := 2 + int(binary.BigEndian.Uint16(bundle))
			leaf := tlog.RecordHash(bundle[2:size])
			bundle = bundle[size:]
			stored, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, n*256+i)})
			if err != nil || stored[0] != leaf {
				fail("leaf %d is not what its tile says: %v", n*256+i, err)
			}
		}
		if len(bundle) != 0 {
			fail("bundle %d has bytes left over", n)
		}
	}
}

func checkProofs(url string, tree tlog.Tree, old tlog.Tree) {
	hashes := tlog.TileHashReader(tree, tileReader{url})
	for index := int64(0); index < tree.N; index += 1 + tree.N/17 {
		proof, err := tlog.ProveRecord(tree.N, index, hashes)
		if err != nil {
			fail("inclusion of %d: %v", index, err)
		}
		leaf, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
		if err != nil || tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf[0]) != nil {
			fail("inclusion of %d does not hold: %v", index, err)
		}
	}
	if old.N > 0 {
		proof, err := tlog.ProveTree(tree.N, old.N, hashes)
		if err != nil || tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash) != nil {
			fail("the log of %d is no beginning of that of %d: %v", old.N, tree.N, err)
		}
	}
}

func main() {
	if len(os.Args) != 3 && len(os.Args) != 4 {
		fail("usage: tlogread URL VKEY [OLD-CHECKPOINT-FILE]")
	}
	url := os.Args[1]
	verifier, err := note.NewVerifier(os.Args[2])
	if err != nil {
		fail("vkey: %v", err)
	}
	text, err := fetch(url + "/checkpoint")
	if err != nil {
		fail("checkpoint: %v", err)
	}
	tree := openCheckpoint(text, verifier)
	var old tlog.Tree
	if len(os.Args) == 4 {
		before, err := os.ReadFile(os.Args[3])
		if err != nil {
			fail("%v", err)
		}
		old = openCheckpoint(before, verifier)
	}
	checkLeaves(url, tree)
	checkProofs(url, tree, old)
	fmt.Printf("%d\n", tree.N)
}
