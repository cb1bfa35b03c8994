// Command golog checks a log with Go's own implementation of transparency logs,
// golang.org/x/mod/sumdb/tlog and .../note, which shares nothing with ours.
//
//	golog -key FILE [-witness FILE] [-old FILE]... [-proof FILE]... [-http] DIR-or-URL
//	golog -vectors FILE
//
// It reads the checkpoint, every tile and every entry bundle at the paths of C2SP tlog-tiles, from
// a folder or over HTTP; checks the signature, every hash of every tile, every entry, inclusion
// proofs and the consistency with older checkpoints; and prints a line for each. The exit code is
// 1 at the first thing that is wrong, which is printed.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
)

// files is a flag that may be given more than once.
type files []string

func (f *files) String() string         { return strings.Join(*f, " ") }
func (f *files) Set(value string) error { *f = append(*f, value); return nil }

func main() {
	var old, proofs files
	key := flag.String("key", "", "`file` with the log's verifier key")
	witness := flag.String("witness", "", "`file` with the key of a witness that must have cosigned")
	overHTTP := flag.Bool("http", false, "serve the folder on a loopback port and read it from there")
	vectors := flag.String("vectors", "", "check the test vectors in this `file` instead of a log")
	flag.Var(&old, "old", "`file` with an older checkpoint of the log; may be repeated")
	flag.Var(&proofs, "proof", "`file` with a tlog-proof of an entry of the log; may be repeated")
	flag.Parse()
	if *vectors != "" {
		exit(checkVectors(*vectors))
	}
	if flag.NArg() != 1 || *key == "" {
		flag.Usage()
		os.Exit(2)
	}
	place := flag.Arg(0)
	if *overHTTP {
		server := httptest.NewServer(http.FileServer(http.Dir(place)))
		defer server.Close()
		place = server.URL
	}
	exit(check(source(place), *key, *witness, old, proofs))
}

// check does everything there is to check of a log.
func check(read reader, key, witness string, old, proofs []string) error {
	signers, err := readKeys(key, witness)
	if err != nil {
		return err
	}
	bytes, err := read("checkpoint")
	if err != nil {
		return err
	}
	head, err := signers.open(bytes)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	fmt.Printf("checkpoint of %s: %d leaves, root %v, signed by %s\n",
		head.origin, head.tree.N, head.tree.Hash, strings.Join(head.signers, " and "))
	log, err := readLog(read, head.tree)
	if err != nil {
		return err
	}
	if err := log.prove(read); err != nil {
		return err
	}
	for _, file := range old {
		if err := log.checkOld(signers, file); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	for _, file := range proofs {
		if err := log.checkProof(signers, file); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "golog:", err)
		os.Exit(1)
	}
	os.Exit(0)
}
