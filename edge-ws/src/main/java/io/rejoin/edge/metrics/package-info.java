/**
 * The metrics of an edge. Labels have fixed sets of values: the number of metrics does not grow with clients or rooms.
 */
@NullMarked
package io.rejoin.edge.metrics;

import org.jspecify.annotations.NullMarked;
