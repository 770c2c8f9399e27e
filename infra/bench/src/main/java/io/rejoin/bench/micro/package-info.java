/** JMH benchmarks of single steps of a message. Use them to look at one step where the whole system is too noisy. */
@NullMarked
package io.rejoin.bench.micro;

import org.jspecify.annotations.NullMarked;
