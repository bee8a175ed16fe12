// franz-go. Arguments: brokers, topic. Input: a line a record: codec, key and value in base64.
package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"log"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	codecs := map[string][]kgo.Opt{
		"default": nil, // Snappy
		"none":    {kgo.ProducerBatchCompression(kgo.NoCompression())},
		"gzip":    {kgo.ProducerBatchCompression(kgo.GzipCompression())},
		"snappy":  {kgo.ProducerBatchCompression(kgo.SnappyCompression())},
		"lz4":     {kgo.ProducerBatchCompression(kgo.Lz4Compression())},
		"zstd":    {kgo.ProducerBatchCompression(kgo.ZstdCompression())},
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		parts := strings.Split(lines.Text(), " ")
		client, err := kgo.NewClient(append(codecs[parts[0]], kgo.SeedBrokers(os.Args[1]))...)
		if err != nil {
			log.Fatal(err)
		}
		key, _ := base64.StdEncoding.DecodeString(parts[1])
		value, _ := base64.StdEncoding.DecodeString(parts[2])
		headers := []kgo.RecordHeader{
			{Key: "none", Value: nil},
			{Key: "empty", Value: []byte{}},
			{Key: "twice", Value: []byte("first")},
			{Key: "twice", Value: []byte("last")},
			{Key: "huge", Value: make([]byte, 100_000)},
		}
		record := &kgo.Record{Topic: os.Args[2], Key: key, Value: value, Headers: headers}
		if err := client.ProduceSync(ctx, record).FirstErr(); err != nil {
			log.Fatal(err)
		}
		client.Close()
	}
}
