-- How far a node's log goes, and whether it is a part of the leader's (Raft 5.3 and 5.4.1).
--
-- Raft compares logs by the term and index of their last entry. Tarantool 2.6 writes no terms into its log, so each
-- leader begins its term with a row in the space `election_terms`: {term, leader's id, vclock before that row}. The
-- last such row is the term of the log's end; within one term only one node writes, so the sum of the vclock is the
-- index.
local log_position = {}

-- A vclock as a list of {replica id, lsn}: a table with holes does not survive MessagePack.
local function as_list(vclock)
    local list = {}
    for id, lsn in pairs(vclock) do
        if id ~= 0 then
            table.insert(list, {id, lsn})
        end
    end
    return list
end

local function lsn_in(list, wanted)
    for _, entry in ipairs(list) do
        if entry[1] == wanted then
            return entry[2]
        end
    end
    return 0
end

function log_position.last_term()
    local space = box.space.election_terms
    local last = space ~= nil and space.index.term ~= nil and space.index.term:max()
    return last and last.term or 0, last and last.leader or nil
end

-- {term, length, vclock}: where this node's log ends now.
function log_position.now()
    local vclock = as_list(box.info.vclock)
    local length = 0
    for _, entry in ipairs(vclock) do
        length = length + entry[2]
    end
    return {term = (log_position.last_term()), length = length, vclock = vclock}
end

-- Raft 5.4.1: may a node with log `mine` vote for one with log `theirs`?
function log_position.is_up_to_date(theirs, mine)
    if theirs.term ~= mine.term then
        return theirs.term > mine.term
    end
    return theirs.length >= mine.length
end

-- Is every row of `vclock` also in the log that ends at `limit`?
function log_position.is_covered(vclock, limit)
    for _, entry in ipairs(vclock) do
        if entry[2] > lsn_in(limit, entry[1]) then
            return false
        end
    end
    return true
end

-- Is a follower's log a part of this leader's? `elected_at` is the leader's vclock when it was elected. A log that
-- ends in an earlier term may reach up to where the next term began, and no further: rows beyond were never
-- confirmed and never can be.
function log_position.fits(theirs, term, elected_at)
    local limit = elected_at
    if theirs.term == term then
        limit = as_list(box.info.vclock)
    else
        for _, row in box.space.election_terms.index.term:pairs({theirs.term}, {iterator = 'GT'}) do
            limit = row.vclock
            break
        end
    end
    return theirs.term <= term and log_position.is_covered(theirs.vclock, limit)
end

-- How many members, this one counted, have every row that this node has now. `names` is {uuid -> name} of the members: a node
-- that has joined and is no member yet counts for nothing.
function log_position.count_holders(names)
    local mine = as_list(box.info.vclock)
    local holders = 1
    for id, replica in pairs(box.info.replication) do
        local downstream = replica.downstream
        if id ~= box.info.id and names[replica.uuid] ~= nil and downstream ~= nil and downstream.vclock ~= nil
            and log_position.is_covered(mine, as_list(downstream.vclock)) then
            holders = holders + 1
        end
    end
    return holders
end

return log_position
