-- The target's side of a planned change of leader: see transfer.lua.
local log = require('log')
local abstention = require('replicaset.abstention')
local early_election = require('replicaset.early_election')
local members = require('replicaset.members')

local ASK_TIMEOUT = 0.1

local successor = {}

-- Asked by the leader, which hears from the answer that this node is not frozen. How far it is, the leader knows best;
-- that it will never come up, only this node does.
function successor.may_succeed(request)
    local replica = members.replica_of(request.leader)
    local upstream = replica and replica.upstream
    return {status = 'ok', has_stopped = upstream ~= nil and upstream.status == 'stopped'}
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
    abstention.succeed(early_election.peers(), request.leader)
    return {status = 'ok', is_elected = box.info.election.state == 'leader'}
end

return successor
