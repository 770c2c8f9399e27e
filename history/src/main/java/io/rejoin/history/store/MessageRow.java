package io.rejoin.history.store;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.replay.StoredMessage;

/**
 * A message to store, as a row of the table.
 *
 * @param content the JSON of the message's content, as stored in the table
 */
public record MessageRow(RoomId room, long epoch, StoredMessage message, String content) {}
