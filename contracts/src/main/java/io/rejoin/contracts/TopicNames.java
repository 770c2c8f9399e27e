package io.rejoin.contracts;

import java.util.regex.Pattern;

/**
 * The names of the topics of one installation. Each name begins with the installation's prefix, and so do its other
 * names in Kafka. So several installations can share one Kafka cluster.
 *
 * @param prefix such as {@code team-a.}; empty for none
 */
public record TopicNames(String prefix) {
    /** The characters that Kafka allows in a topic's name. Kafka allows 249 of them; our longest name has 19. */
    private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._-]{0,200}");

    /** The names without a prefix: {@code rejoin.commands} and so on. */
    public static final TopicNames PLAIN = new TopicNames("");

    public TopicNames {
        if (!isPrefix(prefix)) throw new IllegalArgumentException("not a valid prefix of topics: " + prefix);
    }

    /** Whether this is a valid prefix. */
    public static boolean isPrefix(String prefix) {
        return PREFIX.matcher(prefix).matches();
    }

    /** Commands from edges and routers; key = room; with LogAppendTime. */
    public String commands() {
        return prefixed("rejoin.commands");
    }

    /** Events, as CloudEvents; key = room. This topic is a public contract, for analysis. */
    public String events() {
        return prefixed("rejoin.events");
    }

    /** State of the routers, written by checkpoints; compacted; with the same partitions as the commands. */
    public String state() {
        return prefixed("rejoin.state");
    }

    /** Heartbeats of edges, with the edge's id as key; beats of routers; orders to edges. Compacted. */
    public String edges() {
        return prefixed("rejoin.edges");
    }

    /**
     * Dead letters: records that could not be read, and events of messages that were not confirmed. An unreadable
     * record keeps its key and bytes; headers say where it comes from and why it is here. An event keeps its own
     * headers, and has these headers, too.
     */
    public String deadLetters() {
        return prefixed("rejoin.dead-letters");
    }

    /** Adds the prefix to another name in Kafka: that of a consumer group, or the id of a transactional producer. */
    public String prefixed(String name) {
        return prefix + name;
    }
}
