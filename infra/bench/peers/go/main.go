// Command centrifuge is a small server on the library inside Centrifugo, as its documentation writes one. Everybody may subscribe to
// any channel and publish into it.
//
// MODE is memory, for one server, which keeps nothing; or redis, for two or more: a publication is in the channel's history there
// before its ack, and clients recover from that.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/centrifugal/centrifuge"
)

const (
	historySize = 300
	historyTTL  = time.Minute
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	node, err := centrifuge.New(centrifuge.Config{
		LogLevel:   centrifuge.LogLevelError,
		LogHandler: func(e centrifuge.LogEntry) { log.Printf("%s: %v", e.Message, e.Fields) },
	})
	if err != nil {
		return err
	}
	subscription, publication, err := configure(node, os.Getenv("MODE"))
	if err != nil {
		return err
	}
	node.OnConnecting(func(_ context.Context, e centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		return centrifuge.ConnectReply{Credentials: &centrifuge.Credentials{UserID: e.Name}}, nil
	})
	node.OnConnect(func(client *centrifuge.Client) {
		client.OnSubscribe(func(_ centrifuge.SubscribeEvent, reply centrifuge.SubscribeCallback) {
			reply(centrifuge.SubscribeReply{Options: subscription}, nil)
		})
		client.OnPublish(func(e centrifuge.PublishEvent, reply centrifuge.PublishCallback) {
			options := publication
			options.ClientInfo = e.ClientInfo // as in the other peers, a message tells who posted it
			reply(centrifuge.PublishReply{Options: options}, nil)
		})
	})
	if err := node.Run(); err != nil {
		return err
	}

	handler := http.NewServeMux()
	handler.Handle("/connection/websocket", centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{}))
	server := &http.Server{Handler: handler}
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		return err
	}
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	go collectGarbage()
	go func() {
		<-stop.Done()
		bounded, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = node.Shutdown(bounded)
		_ = server.Shutdown(bounded)
	}()
	fmt.Println("ready")
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// collectGarbage does so at SIGUSR2, so that the memory of connections can be told from it.
func collectGarbage() {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR2)
	for range asked {
		debug.FreeOSMemory()
		fmt.Println("collected")
	}
}

func configure(node *centrifuge.Node, mode string) (centrifuge.SubscribeOptions, centrifuge.PublishOptions, error) {
	var subscription centrifuge.SubscribeOptions
	var publication centrifuge.PublishOptions
	switch mode {
	case "memory": // what a node has by itself
		return subscription, publication, nil
	case "redis":
		subscription.EnableRecovery = true
		publication.HistorySize, publication.HistoryTTL = historySize, historyTTL
		return subscription, publication, useRedis(node)
	default:
		return subscription, publication, fmt.Errorf("MODE is memory or redis, not %q", mode)
	}
}

func useRedis(node *centrifuge.Node) error {
	shard, err := centrifuge.NewRedisShard(node, centrifuge.RedisShardConfig{Address: os.Getenv("REDIS_URL")})
	if err != nil {
		return err
	}
	broker, err := centrifuge.NewRedisBroker(node, centrifuge.RedisBrokerConfig{Shards: []*centrifuge.RedisShard{shard}})
	if err != nil {
		return err
	}
	node.SetBroker(broker)
	return nil
}
