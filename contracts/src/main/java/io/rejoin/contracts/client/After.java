package io.rejoin.contracts.client;

/** From where a join wants to be caught up. */
public sealed interface After {
    /** After this seq: what the client has seen last; 0 for everything. */
    record Seq(long seq) implements After {}

    /** After what the user has acknowledged on any device; everything, if that is nothing. */
    record Cursor() implements After {}

    /** The last {@code count} messages, at most. */
    record Last(int count) implements After {}
}
