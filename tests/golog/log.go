package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// log is a log that was read as a whole.
type log struct {
	tree    tlog.Tree
	nodes   nodes
	entries [][]byte
}

// nodes are all hashes of a tree in Go's storage order, made from the leaves alone.
type nodes []tlog.Hash

func (n nodes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 || index >= int64(len(n)) {
			return nil, fmt.Errorf("there is no hash %d", index)
		}
		hashes[i] = n[index]
	}
	return hashes, nil
}

// append adds a leaf.
func (n *nodes) append(index int64, leaf tlog.Hash) error {
	hashes, err := tlog.StoredHashesForRecordHash(index, leaf, *n)
	*n = append(*n, hashes...)
	return err
}

// readLog reads all entries, recomputes the tree from them, and compares its root with the
// checkpoint's and every tile with what is served.
func readLog(read reader, tree tlog.Tree) (*log, error) {
	log := &log{tree: tree}
	tiles := tilesOf(tree.N)
	for _, tile := range tiles {
		if tile.L != 0 {
			continue
		}
		bundle := tlog.Tile{H: 8, L: -1, N: tile.N, W: tile.W}
		content, err := read(tilePath(bundle))
		if err != nil {
			return nil, err
		}
		entries, err := readBundle(content, tile.W)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", tilePath(bundle), err)
		}
		for _, entry := range entries {
			if err := log.nodes.append(int64(len(log.entries)), tlog.RecordHash(entry)); err != nil {
				return nil, err
			}
			log.entries = append(log.entries, entry)
		}
	}
	for _, tile := range tiles {
		served, err := read(tilePath(tile))
		if err != nil {
			return nil, err
		}
		computed, err := tlog.ReadTileData(tile, log.nodes)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(served, computed) {
			return nil, fmt.Errorf("%s is not what the entries give", tilePath(tile))
		}
	}
	have, err := root(log.nodes, tree.N)
	if err != nil {
		return nil, err
	}
	if have != tree.Hash {
		return nil, fmt.Errorf("the entries give the root %v", have)
	}
	fmt.Printf("%d entries give the %d tiles that are served, and the root\n", tree.N, len(tiles))
	return log, nil
}

// root is Go's, but for the empty tree, whose root Go takes to be zero and RFC 6962 does not.
func root(tree nodes, size int64) (tlog.Hash, error) {
	if size == 0 {
		return sha256.Sum256(nil), nil
	}
	return tlog.TreeHash(size, tree)
}

// readBundle reads entries with their length in front.
func readBundle(content []byte, width int) ([][]byte, error) {
	var entries [][]byte
	for len(content) > 0 {
		if len(content) < 2 {
			return nil, errors.New("the bundle ends within a length")
		}
		length := int(binary.BigEndian.Uint16(content))
		if len(content) < 2+length {
			return nil, errors.New("the bundle ends within an entry")
		}
		entries = append(entries, content[2:2+length])
		content = content[2+length:]
	}
	if len(entries) != width {
		return nil, fmt.Errorf("%d entries, not %d", len(entries), width)
	}
	return entries, nil
}

// prove makes inclusion proofs the way a client does that fetches only the tiles it needs, and
// checks them.
func (l *log) prove(read reader) error {
	if l.tree.N == 0 {
		return nil
	}
	tiles := &tileReader{read, make(map[tlog.Tile][]byte)}
	hashes := tlog.TileHashReader(l.tree, tiles)
	last := l.tree.N - 1
	for _, index := range []int64{0, last / 3, last / 2, last} {
		proof, err := tlog.ProveRecord(l.tree.N, index, hashes)
		if err != nil {
			return err
		}
		leaf := tlog.RecordHash(l.entries[index])
		if err := tlog.CheckRecord(proof, l.tree.N, l.tree.Hash, index, leaf); err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
		fmt.Printf("entry %d is in the tree, by a proof of %d hashes from tiles\n", index, len(proof))
	}
	return nil
}

// checkOld checks that an older checkpoint of the log is of the beginning of the same tree.
func (l *log) checkOld(signers *signers, file string, read reader) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return l.checkOlder(signers, content, read)
}

// checkOlder makes the proof of it the way a client does that fetches only the tiles it needs.
func (l *log) checkOlder(signers *signers, content []byte, read reader) error {
	old, err := signers.open(content)
	if err != nil {
		return err
	}
	if old.tree.N == 0 {
		// Every tree continues the empty one; Go has no proof for it.
		if empty, _ := root(nil, 0); old.tree.Hash != empty {
			return errors.New("not the root of a tree without leaves")
		}
		return nil
	}
	if old.tree.N > l.tree.N {
		return fmt.Errorf("the tree of %d leaves was signed, and there are %d", old.tree.N, l.tree.N)
	}
	tiles := &tileReader{read, make(map[tlog.Tile][]byte)}
	proof, err := tlog.ProveTree(l.tree.N, old.tree.N, tlog.TileHashReader(l.tree, tiles))
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, l.tree.N, l.tree.Hash, old.tree.N, old.tree.Hash); err != nil {
		return err
	}
	fmt.Printf("the tree of %d leaves continues that of %d, by a proof of %d hashes\n",
		l.tree.N, old.tree.N, len(proof))
	return nil
}

// checkProof checks a proof that our program made, against the entry it is said to be of.
func (l *log) checkProof(signers *signers, file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	proof, err := readProof(string(content))
	if err != nil {
		return err
	}
	if proof.index >= int64(len(l.entries)) {
		return fmt.Errorf("there is no entry %d", proof.index)
	}
	head, err := signers.open(proof.checkpoint)
	if err != nil {
		return err
	}
	leaf := tlog.RecordHash(l.entries[proof.index])
	err = tlog.CheckRecord(proof.hashes, head.tree.N, head.tree.Hash, proof.index, leaf)
	if err != nil {
		return err
	}
	fmt.Printf("the tlog-proof of entry %d holds, signed by %s\n",
		proof.index, strings.Join(head.signers, " and "))
	return nil
}

// proof is the content of a .tlog-proof file (C2SP tlog-proof).
type proof struct {
	extra      []byte
	index      int64
	hashes     tlog.RecordProof
	checkpoint []byte
}

func readProof(text string) (*proof, error) {
	head, checkpoint, found := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || lines[0] != "c2sp.org/tlog-proof@v1" {
		return nil, errors.New("not a tlog-proof")
	}
	read := &proof{checkpoint: []byte(checkpoint)}
	lines = lines[1:]
	var err error
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		if read.extra, err = base64.StdEncoding.DecodeString(lines[0][len("extra "):]); err != nil {
			return nil, err
		}
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return nil, errors.New("no index")
	}
	if read.index, err = strconv.ParseInt(lines[0][len("index "):], 10, 64); err != nil {
		return nil, err
	}
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		read.hashes = append(read.hashes, hash)
	}
	return read, nil
}
