/** Users, tokens and rules of this node: configuration, checks that take time, the audit log. Entry: Security. */
@NullMarked
package io.robustmq.server.security;

import org.jspecify.annotations.NullMarked;
