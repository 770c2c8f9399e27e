/**
 * Traces of posts with OpenTelemetry: from the client's frame to the delivery on the last socket, and into history. Off
 * by default.
 */
@NullMarked
package io.rejoin.tracing;

import org.jspecify.annotations.NullMarked;
