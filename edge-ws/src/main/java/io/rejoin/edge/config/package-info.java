/** The configuration of an edge, read from its environment: one record for each part. */
@NullMarked
package io.rejoin.edge.config;

import org.jspecify.annotations.NullMarked;
