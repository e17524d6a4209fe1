-- The target's side of a planned change of leader: see transfer.lua.
local log = require('log')
local early_election = require('replicaset.early_election')
local members = require('replicaset.members')

local ASK_TIMEOUT = 0.1

local successor = {}

local function upstream_of(name)
    for _, replica in pairs(box.info.replication) do
        if members.name_of(replica) == name then
            return replica.upstream
        end
    end
    return nil
end

-- Asked by the leader: does this node take rows from it, or has replication from any node stopped for good?
function successor.may_succeed(request)
    local upstream = upstream_of(request.leader)
    local has_stopped = false
    for _, replica in pairs(box.info.replication) do
        has_stopped = has_stopped or (replica.upstream ~= nil and replica.upstream.status == 'stopped')
    end
    return {
        status = 'ok',
        follows = upstream ~= nil and upstream.status == 'follow',
        has_stopped = has_stopped,
    }
end

-- Told by the leader (Tarantool 3): stands for election. box.ctl.promote() asks nobody whether a leader is alive, nor do
-- voters: the leader itself has made room, and it is asked whether that still holds.
function successor.stand_for_election(request)
    local term = request.term
    local leader = early_election.peers()[request.leader]
    local answer = leader ~= nil
        and leader:call('replicaset.is_handing_over', {{to = members.self(), term = term}}, ASK_TIMEOUT)
    if not answer or not answer.is_wanted or box.info.election.term ~= term then
        return {status = 'ok', is_elected = false}
    end
    log.info('Leader %s hands over: standing for election', request.leader)
    local done, err = pcall(box.ctl.promote)
    if not done then
        log.warn('The hand-over was not won: %s', err)
    end
    return {status = 'ok', is_elected = box.info.election.state == 'leader'}
end

return successor
